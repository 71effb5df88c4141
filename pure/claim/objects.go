package claim

import (
	"errors"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"sallyport/pure/access"
)

// object is a customer, their attributes or an application as an expression sees
// them: fields are read one by one, when they are asked for.
type object struct {
	of *types.Type
	on *evaluation
}

// ConvertToNative gives nothing: objects do not leave expressions.
func (o object) ConvertToNative(reflect.Type) (any, error) { return nil, errObject }

// ConvertToType gives nothing.
func (o object) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errObject) }

// Equal compares kinds: there is one object of each.
func (o object) Equal(other ref.Val) ref.Val {
	same, is := other.(object)
	return types.Bool(is && same.of == o.of)
}

// Type is one of the three.
func (o object) Type() ref.Type { return o.of }

// Value is the object itself.
func (o object) Value() any { return o }

var (
	errObject = errors.New("an object is no value of a claim")
	errNobody = errors.New("there is no customer")
)

// field makes a field of what get gives; null is what is not there.
func field(t *types.Type, get func(*evaluation) ref.Val) *types.FieldType {
	return &types.FieldType{
		Type: t,
		IsSet: func(target any) bool {
			o, is := target.(object)
			return is && get(o.on) != types.NullValue
		},
		GetFrom: func(target any) (any, error) {
			o, is := target.(object)
			if !is {
				return nil, errNobody // a machine's customer is null
			}
			v := get(o.on)
			if v == types.NullValue {
				o.on.missed = true
			}
			if err, wrong := v.(*types.Err); wrong {
				return nil, err
			}
			return v, nil
		},
	}
}

var customerFields = map[string]*types.FieldType{
	"id":         field(types.StringType, func(e *evaluation) ref.Val { return types.String(e.in.Customer.ID) }),
	"name":       field(types.StringType, func(e *evaluation) ref.Val { return types.String(e.in.Customer.Name) }),
	"groups":     field(types.NewListType(types.StringType), func(e *evaluation) ref.Val { return texts(e.in.Customer.Groups) }),
	"attributes": field(attributesType, func(e *evaluation) ref.Val { return object{attributesType, e} }),
}

var applicationFields = map[string]*types.FieldType{
	"name":  field(types.StringType, func(e *evaluation) ref.Val { return types.String(e.in.Application.Name) }),
	"owner": field(types.StringType, func(e *evaluation) ref.Val { return types.String(e.in.Application.Owner) }),
	"tags": field(types.NewMapType(types.StringType, types.StringType), func(e *evaluation) ref.Val {
		return types.NewStringStringMap(types.DefaultTypeAdapter, e.in.Application.Tags)
	}),
}

func texts(list []string) ref.Val { return types.NewStringList(types.DefaultTypeAdapter, list) }

// attributeField is an attribute by its registered type; null if the customer has
// none.
func attributeField(a access.AttributeSpec) *types.FieldType {
	kind := types.StringType
	switch a.Type {
	case access.Number:
		kind = types.IntType
	case access.Boolean:
		kind = types.BoolType
	}
	return field(types.NewNullableType(kind), func(e *evaluation) ref.Val {
		value, reason := typed(e.in.Customer.Attributes[string(a.Name)], a.Type)
		if reason != "" {
			return types.WrapErr(errReason(reason))
		}
		switch value := value.(type) {
		case string:
			return types.String(value)
		case int64:
			return types.Int(value)
		case bool:
			return types.Bool(value)
		}
		return types.NullValue
	})
}

// errReason is an error that says why a claim failed.
type errReason Reason

// Error is the reason.
func (e errReason) Error() string { return string(e) }
