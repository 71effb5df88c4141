package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/store"
	"sallyport/web/admin"
)

// stateFlags are the flags of every command that reads or changes state.
type stateFlags struct {
	store, env    string
	server        string
	command       *cobra.Command
	json          bool
	noColor, mute bool
	creates       bool // whether the command may make a store where there is none
}

// bind adds the flags that all such commands have.
func (f *stateFlags) bind(c *cobra.Command) {
	storeFlag(c, &f.store)
	f.bindServer(c)
}

// bindServer is bind for commands that know no store.
func (f *stateFlags) bindServer(c *cobra.Command) {
	c.Flags().StringVar(&f.server, "server", os.Getenv(serverVariable), "address of a server to speak to by the network; SALLYPORT_SERVER if set")
	f.bindLocal(c)
}

// bindLocal is bind for commands that look at this host.
func (f *stateFlags) bindLocal(c *cobra.Command) {
	f.command = c
	jsonFlag(c, &f.json)
	c.Flags().BoolVar(&f.noColor, "no-color", false, "no colour, also by NO_COLOR")
	c.Flags().BoolVarP(&f.mute, "quiet", "q", false, "only the result, no remarks")
}

// told tells whether a flag was written on the command line.
func (f *stateFlags) told(name string) bool {
	return f.command != nil && f.command.Flags().Changed(name)
}

// environmentVariable names the environment that commands are about.
const environmentVariable = "SALLYPORT_ENV"

// bindEnv adds --env besides.
func (f *stateFlags) bindEnv(c *cobra.Command) {
	f.bind(c)
	c.Flags().StringVarP(&f.env, "env", "e", os.Getenv(environmentVariable), "environment, NAME or TENANT/NAME; SALLYPORT_ENV if set (default: the only one)")
	_ = c.RegisterFlagCompletionFunc("env", func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return f.environmentNames(c.Context()), cobra.ShellCompDirectiveNoFileComp
	})
}

func jsonFlag(c *cobra.Command, target *bool) {
	c.Flags().BoolVar(target, "json", false, "result as JSON, with a version number")
}

// session is a command's conversation with an installation.
type session struct {
	streams
	ctx    context.Context
	flags  *stateFlags
	client *http.Client
	at     string // scheme and host of addresses
	alone  bool   // no server runs: this process does the work
	look   look
	place  string // TENANT/NAME, once it was chosen
}

// converse opens a session and closes it again.
func (f *stateFlags) converse(ctx context.Context, s streams, do func(*session) error) error {
	at, err := f.where()
	if err != nil {
		return err
	}
	return f.converseWith(ctx, s, at, do)
}

// reach connects to a server, or where none is named to the store of this host.
func (f *stateFlags) reach(ctx context.Context, at server) (*control, error) {
	if at != "" {
		return connectServer(at)
	}
	l, err := parseLocation(f.store)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if err := f.present(l); err != nil {
		return nil, err
	}
	c, err := connect(ctx, l)
	if errors.Is(err, store.ErrUnavailable) && l.engine == "postgres" {
		err = fmt.Errorf("%w\n  fix: is PostgreSQL running, and does --store or SALLYPORT_STORE name it?", err)
	}
	return c, err
}

// converseWith is converse once it is decided with whom.
func (f *stateFlags) converseWith(ctx context.Context, s streams, at server, do func(*session) error) error {
	c, err := f.reach(ctx, at)
	if err != nil {
		return err
	}
	talk := &session{streams: s, ctx: ctx, flags: f, client: c.client, at: c.base, alone: c.alone, look: lookOf(s.out, f.noColor)}
	if c.made != "" {
		fmt.Fprintf(s.err, "made a master key: %s\n  keep a copy of it apart from the database: without it nothing sealed can be opened\n", c.made)
	}
	return errors.Join(do(talk), c.close())
}

// present refuses a path without a store, which is more likely a mistake than
// the wish for an empty one.
func (f *stateFlags) present(l location) error {
	if f.creates || l.engine != "sqlite" {
		return nil
	}
	if _, err := os.Stat(l.target); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no store at %s\n  fix: name it with --store or SALLYPORT_STORE; sallyport serve and sallyport env create make one", l.target)
	}
	return nil
}

// within is converse about one environment. tenant, if it is not empty, decides
// between environments of the same name.
func (f *stateFlags) within(ctx context.Context, s streams, tenant string, do func(*session) error) error {
	return f.converse(ctx, s, func(talk *session) error {
		var all admin.Environments
		if err := talk.get("/environments", nil, &all); err != nil {
			return err
		}
		var err error
		if talk.place, err = choose(all.Environments, f.env, tenant); err != nil {
			return &exitError{exitUsage, err}
		}
		return do(talk)
	})
}

// systemTenant owns the environment of the operators, which is chosen only by name.
const systemTenant = "system"

// choose finds the environment that a flag means.
func choose(all []admin.Environment, flag, tenant string) (string, error) {
	var fitting, others []string
	for _, e := range all {
		full := e.Tenant + "/" + e.Name
		if e.Tenant != systemTenant {
			others = append(others, full)
		}
		switch {
		case flag == full,
			flag == e.Name && (tenant == "" || tenant == e.Tenant),
			flag == "" && e.Tenant != systemTenant && (tenant == "" || tenant == e.Tenant):
			fitting = append(fitting, full)
		}
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return "", fmt.Errorf("which environment? --env takes one of: %s", strings.Join(fitting, ", "))
	case len(others) == 0:
		return "", errors.New("there is no environment yet\n  fix: sallyport env create TENANT/NAME")
	case flag == "":
		return "", fmt.Errorf("tenant %q has no environment; there are: %s\n  fix: sallyport env create %s/NAME", tenant, strings.Join(others, ", "), tenant)
	}
	return "", fmt.Errorf("--env %q is none of: %s\n  fix: take one of these, or sallyport env create TENANT/NAME", flag, strings.Join(slices.Compact(others), ", "))
}

// environmentNames are for completion: best effort, and silent.
func (f *stateFlags) environmentNames(ctx context.Context) (names []string) {
	quiet := streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	_ = f.converse(ctx, quiet, func(talk *session) error {
		var all admin.Environments
		err := talk.get("/environments", nil, &all)
		for _, e := range all.Environments {
			names = append(names, e.Tenant+"/"+e.Name)
		}
		return err
	})
	return names
}

// note is a remark to the person at the terminal, never part of the result.
func (s *session) note(format string, args ...any) {
	if !s.flags.mute {
		fmt.Fprintln(s.err, plain(fmt.Sprintf(format, args...)))
	}
}

// next suggests what is usually done now.
func (s *session) next(format string, args ...any) { s.note("next: "+format, args...) }
