package torchscript

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Bounds on what a pickle makes: modules are nested some tens deep, and have some thousands of
// values.
const (
	maxDepth  = 300
	maxValues = 1 << 24 // a value that is referred to twice counts twice, since libtorch visits it twice
)

// A value of a pickle. A Go nil is None; int64, float64, bool and string are themselves.
type (
	global struct{ module, name string }
	tuple  []any
	list   []any
	// dict is keys and values in turn.
	dict []any
	// object is a value that says no more than its class: a module's attributes, an enumeration's
	// value.
	object struct {
		class  string
		tensor bool
	}
	// unpickled is a value on the stack.
	unpickled struct {
		value  any
		depth  int // of the values within it
		values int
		open   bool // a list, dict or object of which nothing refers to yet, so that it may get its content
	}
)

var errPickle = errors.New("it is damaged; " + copyAgain)

// machine runs a pickle: the part of Python's language that libtorch writes. libtorch's own trusts
// that each step finds on the stack what it needs.
type machine struct {
	in      *bytes.Reader
	stack   []unpickled
	marks   []int
	memo    []unpickled
	trusted bool
	storage func(arguments tuple) (any, error)
}

// run returns the value that the pickle makes.
func (m *machine) run() (any, error) {
	if head, err := m.bytes(2); err != nil || head[0] != 0x80 || head[1] != 2 {
		return nil, errPickle
	}
	for {
		op, err := m.in.ReadByte()
		if err != nil {
			return nil, errPickle
		}
		if op == '.' {
			if len(m.stack) != 1 || len(m.marks) != 0 {
				return nil, errPickle
			}
			return m.stack[0].value, nil
		}
		if err := m.step(op); err != nil {
			return nil, err
		}
	}
}

func (m *machine) step(op byte) error {
	switch op {
	case '(': // MARK
		m.marks = append(m.marks, len(m.stack))
		return nil
	case 'N':
		return m.push(nil)
	case 0x88, 0x89:
		return m.push(op == 0x88)
	case 'K', 'M', 'J': // BININT1, BININT2, BININT
		return m.integer(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
	case 0x8a: // LONG1
		if n, err := m.in.ReadByte(); err != nil || n != 8 {
			return errPickle
		}
		return m.integer(8)
	case 'G': // BINFLOAT
		b, err := m.bytes(8)
		if err != nil {
			return err
		}
		return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X': // BINUNICODE
		n, err := m.number(4)
		if err != nil {
			return err
		}
		b, err := m.bytes(n)
		if err != nil {
			return err
		}
		return m.push(string(b))
	case 'c': // GLOBAL
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.push(global{module, name})
	case 'q', 'r': // BINPUT, LONG_BINPUT
		return m.put(map[byte]int{'q': 1, 'r': 4}[op])
	case 'h', 'j': // BINGET, LONG_BINGET
		n, err := m.number(map[byte]int{'h': 1, 'j': 4}[op])
		if err != nil || n >= len(m.memo) {
			return errPickle
		}
		m.stack = append(m.stack, m.memo[n])
		return nil
	case ')': // EMPTY_TUPLE
		return m.push(tuple{})
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		return m.collect(int(op - 0x84))
	case 't': // TUPLE
		n, err := m.mark()
		if err != nil {
			return err
		}
		return m.collect(n)
	case ']', '}': // EMPTY_LIST, EMPTY_DICT
		var empty any = list{}
		if op == '}' {
			empty = dict{}
		}
		m.stack = append(m.stack, unpickled{value: empty, values: 1, open: true})
		return nil
	case 'e', 'u': // APPENDS, SETITEMS
		return m.fill(op)
	case 0x81: // NEWOBJ, of which libtorch forgets the arguments
		arguments, err := m.pop()
		if t, ok := arguments.value.(tuple); err != nil || !ok || len(t) != 0 {
			return errPickle
		}
		if class, ok := m.top().value.(global); !ok || class.builtin() {
			return errPickle
		}
		m.top().open = true
		return nil
	case 'b': // BUILD
		return m.build()
	case 'R': // REDUCE
		return m.reduce()
	case 'Q': // BINPERSID
		arguments, err := m.pop()
		if err != nil {
			return err
		}
		t, ok := arguments.value.(tuple)
		if !ok {
			return errPickle
		}
		v, err := m.storage(t)
		if err != nil {
			return err
		}
		return m.push(v)
	}
	return fmt.Errorf("it has a step (%#02x) that torch.jit.save does not write; %s", op, copyAgain)
}

func (m *machine) bytes(n int) ([]byte, error) {
	if n > m.in.Len() {
		return nil, errPickle
	}
	b := make([]byte, n)
	_, err := m.in.Read(b)
	return b, err
}

func (m *machine) number(size int) (int, error) {
	b, err := m.bytes(size)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], b)
	return int(binary.LittleEndian.Uint64(wide[:])), nil
}

func (m *machine) integer(size int) error {
	n, err := m.number(size)
	if err != nil {
		return err
	}
	if size == 4 {
		n = int(int32(n))
	}
	return m.push(int64(n))
}

// line reads a name of letters, digits, underscores and dots, and the line end after it.
func (m *machine) line() (string, error) {
	var name []byte
	for {
		c, err := m.in.ReadByte()
		switch {
		case err == nil && c == '\n' && len(name) > 0:
			return string(name), nil
		case err != nil, !isNameByte(c), len(name) > 4096:
			return "", errPickle
		}
		name = append(name, c)
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// put remembers the top of the stack. libtorch makes room for whatever number it is told, so it
// must be the next.
func (m *machine) put(size int) error {
	n, err := m.number(size)
	if err != nil || n > len(m.memo) || len(m.stack) == 0 {
		return errPickle
	}
	m.top().open = false
	if n == len(m.memo) {
		m.memo = append(m.memo, unpickled{})
	}
	m.memo[n] = *m.top()
	return nil
}

func (m *machine) push(value any) error {
	m.stack = append(m.stack, unpickled{value: value, values: 1})
	return nil
}

// pushOver puts a value on the stack that holds the parts.
func (m *machine) pushOver(value any, parts ...unpickled) error {
	u := unpickled{value: value}
	if err := u.hold(parts); err != nil {
		return err
	}
	m.stack = append(m.stack, u)
	return nil
}

// hold counts the parts of a value.
func (u *unpickled) hold(parts []unpickled) error {
	u.values++
	for _, part := range parts {
		u.depth = max(u.depth, part.depth+1)
		if u.values += part.values; u.values > maxValues || u.depth > maxDepth {
			return errors.New("its values are too many, or nested too deep; " + notTorchScript)
		}
	}
	return nil
}

func (m *machine) top() *unpickled {
	if len(m.stack) == m.floor() {
		return &unpickled{}
	}
	return &m.stack[len(m.stack)-1]
}

// floor is where the stack begins for a step: after the last mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() (unpickled, error) {
	parts, err := m.popN(1)
	if err != nil {
		return unpickled{}, err
	}
	return parts[0], nil
}

func (m *machine) popN(n int) ([]unpickled, error) {
	at := len(m.stack) - n
	if at < m.floor() {
		return nil, errPickle
	}
	parts := slices.Clone(m.stack[at:])
	m.stack = m.stack[:at]
	return parts, nil
}

// mark takes the last mark away and returns how many values lie above it.
func (m *machine) mark() (int, error) {
	if len(m.marks) == 0 {
		return 0, errPickle
	}
	n := len(m.stack) - m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	return n, nil
}

func valuesOf(parts []unpickled) []any {
	values := make([]any, len(parts))
	for i, part := range parts {
		values[i] = part.value
	}
	return values
}

// collect makes a tuple of the last n values.
func (m *machine) collect(n int) error {
	parts, err := m.popN(n)
	if err != nil {
		return err
	}
	return m.pushOver(tuple(valuesOf(parts)), parts...)
}

// fill puts the values above the mark into the list or dictionary below it. That happens once,
// before anything refers to it, so that no value holds itself.
func (m *machine) fill(op byte) error {
	n, err := m.mark()
	if err != nil {
		return err
	}
	parts, err := m.popN(n)
	if err != nil {
		return err
	}
	u := m.top()
	if !u.open {
		return errPickle
	}
	switch u.value.(type) {
	case list:
		u.value = list(valuesOf(parts))
		if op != 'e' {
			return errPickle
		}
	case dict:
		u.value = dict(valuesOf(parts))
		if op != 'u' || n%2 != 0 {
			return errPickle
		}
		for i := 0; i < n; i += 2 {
			switch parts[i].value.(type) {
			case string, int64, float64, bool, object:
			default:
				return errPickle
			}
		}
	default:
		return errPickle
	}
	u.open = false
	return u.hold(parts)
}

// build gives an object its attributes.
func (m *machine) build() error {
	parts, err := m.popN(2)
	if err != nil {
		return err
	}
	class, ok := parts[0].value.(global)
	if !ok || !parts[0].open {
		return errPickle
	}
	if _, ok := parts[1].value.(dict); (!ok || class.foreign()) && !m.trusted {
		return fmt.Errorf("%w: its class %.200s sets itself up while the model is loaded; %s", ErrUntrusted, class, remedy)
	}
	return m.pushOver(object{class: class.String()}, parts[1])
}

func (g global) String() string { return g.module + "." + g.name }

// builtin reports whether libtorch knows the name itself, so that it names no class of the module's
// code.
func (g global) builtin() bool {
	switch g.module {
	case "torch", "torch._utils", "torch._tensor", "torch.jit._pickle", "torch.distributed.rpc", "collections", "builtins", "__main__":
		return true
	}
	return false
}

// foreign reports whether it is a class of C++.
func (g global) foreign() bool { return strings.HasPrefix(g.String()+".", "__torch__.torch.classes.") }
