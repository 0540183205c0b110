package bot

import (
	"slices"
	"sync"
)

// wallet holds the access tokens that no bot has. Anybody may call its methods.
type wallet struct {
	mu   sync.Mutex
	free []string // the next one last
}

// newWallet returns a wallet with tokens, to be taken in order.
func newWallet(tokens []string) *wallet {
	free := slices.Clone(tokens)
	slices.Reverse(free)
	return &wallet{free: free}
}

// take returns a token that nobody else has, or none when there is none left.
func (w *wallet) take() (token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.free); n > 0 {
		token, w.free = w.free[n-1], w.free[:n-1]
	}
	return token
}

// give takes a token back.
func (w *wallet) give(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if token != "" {
		w.free = append(w.free, token)
	}
}
