package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func asks(t *testing.T, ctx context.Context, handler http.HandlerFunc, body string) (*http.Response, *sync.WaitGroup, error) {
	t.Helper()
	var running sync.WaitGroup
	client := &http.Client{Transport: handlerTransport{handler, &running}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sallyport/a%2Fb?c=d", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	return response, &running, err
}

func TestAHandlerInThisProcessIsHeardWhileItSpeaks(t *testing.T) {
	heard := make(chan struct{})
	response, running, err := asks(t, t.Context(), func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Test", r.URL.EscapedPath()+"?"+r.URL.RawQuery)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(append(content, '\n'))
		<-heard // the first line must arrive before the second is written
		_, _ = io.WriteString(w, "second\n")
	}, "first")
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusAccepted || response.Header.Get("X-Test") != "/a%2Fb?c=d" {
		t.Errorf("got %d %q", response.StatusCode, response.Header.Get("X-Test"))
	}
	lines := bufio.NewScanner(response.Body)
	if !lines.Scan() || lines.Text() != "first" {
		t.Fatalf("got %q", lines.Text())
	}
	close(heard)
	if !lines.Scan() || lines.Text() != "second" || lines.Scan() {
		t.Errorf("got %q", lines.Text())
	}
	running.Wait()
}

func TestAHandlerInThisProcessLearnsThatNobodyListens(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, running, err := asks(t, ctx, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	running.Wait()
}

func TestWritingToACallerWhoLeftDoesNotBlock(t *testing.T) {
	response, running, err := asks(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		for {
			if _, err := io.WriteString(w, "line\n"); err != nil {
				return
			}
		}
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	running.Wait()
}

func TestAnAnswerThatIsClosedBeforeItsEndEndsNothingElse(t *testing.T) {
	closed := make(chan struct{})
	response, running, err := asks(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "{}")
		<-closed
		if _, err := io.WriteString(w, "\n"); err != nil {
			panic(fmt.Errorf("writing an answer: %w", err)) // as the framework of the management API does
		}
		t.Error("the end of a closed answer was taken")
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(response.Body, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	close(closed)
	running.Wait()
}
