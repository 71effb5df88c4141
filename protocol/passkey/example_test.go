package passkey_test

import (
	"encoding/json"
	"fmt"
	"time"

	"sallyport/protocol/passkey"
)

// What a page hands to the browser, which asks whatever authenticator there is.
func ExampleRequest() {
	text, _ := json.Marshal(passkey.Request{Challenge: []byte("thirty-two random bytes it should be"), RPID: "example.com", Timeout: time.Minute, Verify: true})
	fmt.Println(string(text))
	// Output:
	// {"challenge":"dGhpcnR5LXR3byByYW5kb20gYnl0ZXMgaXQgc2hvdWxkIGJl","rpId":"example.com","timeout":60000,"userVerification":"required"}
}
