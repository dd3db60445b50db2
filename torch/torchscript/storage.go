package torchscript

import (
	"bytes"
	"fmt"
	"math/bits"
	"strings"
)

// types are libtorch's names of element types, and their sizes in bytes.
var types = map[string]int{
	"Byte": 1, "Char": 1, "Short": 2, "Int": 4, "Long": 8, "Half": 2, "Float": 4, "Double": 8, "Bool": 1, "BFloat16": 2,
	"ComplexHalf": 4, "ComplexFloat": 8, "ComplexDouble": 16, "QInt8": 1, "QUInt8": 1, "QInt32": 4,
	"UInt16": 2, "UInt32": 4, "UInt64": 8,
	"Float8_e5m2": 1, "Float8_e4m3fn": 1, "Float8_e5m2fnuz": 1, "Float8_e4m3fnuz": 1,
}

// storage is what a pickle says of an entry with elements.
type storage struct {
	elements int64
}

// tally counts the elements of a type and device that are weights.
type tally map[Weights]int64

func (t tally) most() Weights {
	var most Weights
	for w, n := range t {
		if n > t[most] || n == t[most] && w.Type+w.Device < most.Type+most.Device {
			most = w
		}
	}
	return most
}

// checkPickle checks NAME.pkl, and that the entries NAME/0, NAME/1 … are as it says.
func checkPickle(content *entries, name string, trusted bool, weights tally) error {
	pickle, ok := content.byName[name+".pkl"]
	if !ok {
		return fmt.Errorf("the archive lacks it; %s", copyAgain)
	}
	m := machine{in: bytes.NewReader(pickle), trusted: trusted}
	m.storage = func(arguments tuple) (any, error) {
		return content.storage(name, arguments, weights)
	}
	value, err := m.run()
	if err != nil {
		return err
	}
	switch value.(type) {
	case object:
		ok = name == "data"
	case tuple:
		ok = name == "constants"
	default:
		ok = false
	}
	if !ok {
		return errPickle
	}
	return nil
}

// storage checks the description of an entry: ("storage", type, key, device, number of elements).
func (c *entries) storage(folder string, arguments tuple, weights tally) (any, error) {
	if len(arguments) != 5 || arguments[0] != "storage" {
		return nil, errPickle
	}
	class, isClass := arguments[1].(global)
	key, isKey := arguments[2].(string)
	device, isDevice := arguments[3].(string)
	elements, isCount := arguments[4].(int64)
	typeName, isStorage := strings.CutSuffix(class.name, "Storage")
	size := types[typeName]
	if !isClass || class.module != "torch" || !isStorage || size == 0 || !isKey || !isDevice || !isCount ||
		elements < 0 || !deviceName.MatchString(device) {
		return nil, errPickle
	}
	entry, found := c.byName[folder+"/"+key]
	if !found && elements > 0 {
		return nil, fmt.Errorf("the archive lacks %.80q; %s", folder+"/"+key, copyAgain)
	}
	if high, low := bits.Mul64(uint64(elements), uint64(size)); high != 0 || low != uint64(len(entry)) {
		return nil, fmt.Errorf("%.80q has %d bytes, but should have %d elements of %d bytes; %s",
			folder+"/"+key, len(entry), elements, size, copyAgain)
	}
	switch typeName {
	case "Bool":
		for _, b := range entry {
			if b > 1 { // which is neither to code that was compiled for 0 and 1
				return nil, fmt.Errorf("%.80q has a truth value of %d; %s", folder+"/"+key, b, copyAgain)
			}
		}
	case "Half", "BFloat16", "Float", "Double":
		if elements > 1 { // numbers of a trace are Doubles
			weights[Weights{typeName, device}] += elements
		}
	}
	return storage{elements}, nil
}

// tensor checks the arguments (storage, offset, sizes, strides, …) of a tensor: that it lies within
// its storage.
func tensor(arguments tuple) (any, error) {
	s, isStorage := arguments[0].(storage)
	offset, isOffset := arguments[1].(int64)
	sizes, areSizes := arguments[2].(tuple)
	strides, areStrides := arguments[3].(tuple)
	_, isFlag := arguments[4].(bool)
	if !isStorage || !isOffset || !areSizes || !areStrides || !isFlag || arguments[5] != nil ||
		len(sizes) != len(strides) || len(sizes) > 64 || offset < 0 {
		return nil, errPickle
	}
	end, count, empty := uint64(offset)+1, uint64(1), false
	for i := range sizes {
		size, isSize := sizes[i].(int64)
		stride, isStride := strides[i].(int64)
		if !isSize || !isStride || size < 0 || stride < 0 {
			return nil, errPickle
		}
		if size == 0 {
			empty = true
			continue
		}
		high, low := bits.Mul64(uint64(size-1), uint64(stride))
		more, carry := bits.Add64(end, low, 0)
		beyond, product := bits.Mul64(count, uint64(size))
		if high != 0 || carry != 0 || beyond != 0 || product >= 1<<62 {
			return nil, errPickle
		}
		end, count = more, product
	}
	if !empty && end > uint64(s.elements) {
		return nil, fmt.Errorf("a tensor reaches beyond the %d elements that it is stored with; %s", s.elements, copyAgain)
	}
	return object{class: "tensor", tensor: true}, nil
}
