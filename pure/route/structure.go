package route

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkStructure lets the OpenAPI library judge the document: required fields,
// types, references, parameters that templates lack. It is given the tree that
// we read, not the author's bytes.
func (c *compiler) checkStructure() {
	encoded, err := c.document.encode()
	if err == nil {
		err = checkOpenAPI(encoded)
	}
	if err == nil {
		return
	}
	found := openapi3.MultiError{err}
	errors.As(err, &found)
	for _, one := range found {
		c.fail(DocumentInvalid, place{}, fmt.Sprintf("not valid OpenAPI %s: %.400s", c.document.version, one), "")
	}
}

func checkOpenAPI(encoded []byte) (err error) {
	// A fault of the library must refuse the document, not stop the server that
	// was asked to read it.
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the document cannot be understood: %.200v", fault)
		}
	}()
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	loader.ReadFromURIFunc = func(*openapi3.Loader, *url.URL) ([]byte, error) {
		return nil, errors.New("external references are not followed")
	}
	loaded, err := loader.LoadFromData(encoded)
	if err != nil {
		return err
	}
	return loaded.Validate(context.Background(), openapi3.DisableExamplesValidation(),
		openapi3.DisableSchemaDefaultsValidation(), openapi3.EnableMultiError())
}
