package torchscript

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrUntrusted is wrapped by the errors of models that do more than compute, which are loaded only
// if they are trusted.
var ErrUntrusted = errors.New("not trusted")

const remedy = "if you know who made the model, allow all that it does with --trust-model"

var deviceName = regexp.MustCompile(`^[a-z]{1,16}(:[0-9]{1,3})?$`)

// reduce calls what a global names with the tuple above it.
func (m *machine) reduce() error {
	parts, err := m.popN(2)
	if err != nil {
		return err
	}
	function, ok := parts[0].value.(global)
	if !ok || parts[0].open {
		return errPickle
	}
	if !function.builtin() { // an enumeration, of a value that is not a tuple
		if function.foreign() && !m.trusted {
			return fmt.Errorf("%w: it has a value of %.200s, which is no part of its code; %s", ErrUntrusted, function, remedy)
		}
		return m.pushOver(object{class: function.String()}, parts[1])
	}
	arguments, ok := parts[1].value.(tuple)
	if !ok {
		return errPickle
	}
	value, err := m.call(function, arguments)
	if err != nil {
		return err
	}
	return m.pushOver(value, parts[1])
}

func (m *machine) call(function global, arguments tuple) (any, error) {
	switch function.String() {
	case "torch._utils._rebuild_tensor_v2":
		if len(arguments) == 6 { // a seventh marks tensors that are views of a conjugate or negative
			return tensor(arguments)
		}
	case "torch.jit._pickle.build_intlist":
		return listOf[int64](arguments)
	case "torch.jit._pickle.build_doublelist":
		return listOf[float64](arguments)
	case "torch.jit._pickle.build_boollist":
		return listOf[bool](arguments)
	case "torch.jit._pickle.build_tensorlist":
		return listOf[object](arguments)
	case "torch.jit._pickle.restore_type_tag":
		if len(arguments) == 2 {
			return tagged(arguments[0], arguments[1])
		}
	case "collections.OrderedDict":
		return nil, nil // of hooks for the backward pass, which libtorch forgets
	case "torch.device":
		if name, ok := only[string](arguments); ok && deviceName.MatchString(name) {
			return object{class: "device"}, nil
		}
	case "builtins.complex":
		if len(arguments) == 2 {
			_, real := arguments[0].(float64)
			_, imaginary := arguments[1].(float64)
			if real && imaginary {
				return object{class: "complex"}, nil
			}
		}
	default:
		if !m.trusted {
			return nil, fmt.Errorf("%w: it has values made by %.200s; %s", ErrUntrusted, function, remedy)
		}
		return m.callTrusted(function, arguments)
	}
	return nil, errPickle
}

// callTrusted makes tensors of kinds that a model for pictures has no use for.
func (m *machine) callTrusted(function global, arguments tuple) (any, error) {
	switch function.String() {
	case "torch._utils._rebuild_qtensor":
		if len(arguments) > 5 {
			if _, err := tensor(append(arguments[:4:4], false, nil)); err != nil {
				return nil, err
			}
			return object{class: "tensor", tensor: true}, nil
		}
	case "torch._utils._rebuild_sparse_tensor":
		return object{class: "tensor", tensor: true}, nil
	}
	return nil, errPickle
}

func only[T any](arguments tuple) (T, bool) {
	var none T
	if len(arguments) != 1 {
		return none, false
	}
	value, ok := arguments[0].(T)
	return value, ok
}

// listOf checks a list all of whose elements are of one type.
func listOf[T any](arguments tuple) (any, error) {
	elements, ok := only[list](arguments)
	if !ok {
		return nil, errPickle
	}
	for _, e := range elements {
		if v, ok := e.(T); !ok {
			return nil, errPickle
		} else if o, ok := any(v).(object); ok && !o.tensor {
			return nil, errPickle
		}
	}
	return elements, nil
}

// tagged checks a list or dictionary with the name of its type, which libtorch parses.
func tagged(value, typeName any) (any, error) {
	name, ok := typeName.(string)
	if !ok || len(name) > 1<<16 || strings.Count(name, "[") > 50 {
		return nil, errPickle
	}
	switch value.(type) {
	case list, dict:
		return value, nil
	}
	return nil, errPickle
}
