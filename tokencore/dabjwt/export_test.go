package dabjwt

// Remembered counts the tokens that a Minter keeps.
func Remembered(m *Minter) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.minted)
}
