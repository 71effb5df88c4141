package cognito

import "testing"

// The vectors are get-vanilla of AWS's Signature Version 4 test suite, and the
// example of its general reference.
func TestSignaturesAreThoseOfThePublishedVectors(t *testing.T) {
	key := func(service string) *accessKey {
		return &accessKey{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region: "us-east-1", Service: service}
	}
	got := key("service").authorization(part{
		method: "GET", path: "/", headers: map[string]string{"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"},
	}, "20150830T123600Z")
	want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = key("iam").authorization(part{
		method: "GET", path: "/", query: "Action=ListUsers&Version=2010-05-08", headers: map[string]string{
			"content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": "iam.amazonaws.com", "x-amz-date": "20150830T123600Z",
		},
	}, "20150830T123600Z")
	want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
