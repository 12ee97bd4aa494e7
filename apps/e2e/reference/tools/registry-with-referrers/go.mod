module source-integrity.io/reference/registry-with-referrers

go 1.27.3

require github.com/google/go-containerregistry v0.22.1
