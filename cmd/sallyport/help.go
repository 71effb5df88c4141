package main

// usageTemplate is how help goes on behind a command's description: examples
// first, since they are what most people came for.
const usageTemplate = `{{if .HasExample}}Examples:
{{.Example}}

{{end}}Usage:{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{else}}
  {{.UseLine}}{{end}}{{$all := .Commands}}{{range .Groups}}{{$id := .ID}}

{{.Title}}{{range $all}}{{if and (eq .GroupID $id) .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}

{{if .Groups}}Other{{else}}Commands{{end}}:{{range .Commands}}{{if and (not .GroupID) (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if not .HasParent}}

Exit codes:
  0 done   1 failed   2 the command line cannot be used   3 differences
  4 sign in first   5 refused   6 done in part   130 stopped{{end}}{{if .HasAvailableSubCommands}}

More: {{.CommandPath}} COMMAND --help{{end}}
`
