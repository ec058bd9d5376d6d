module azukari.example/independent

go 1.22.0

require (
	github.com/transparency-dev/formats v0.0.0-20241003145927-a04dcc2a37e4
	golang.org/x/mod v0.21.0
)
