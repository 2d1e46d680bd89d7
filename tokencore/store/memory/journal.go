package memory

import "slices"

// journal remembers how to undo what a transaction did, step by step.
type journal struct{ undo []func() }

func (j *journal) rollback() {
	for _, undo := range slices.Backward(j.undo) {
		undo()
	}
	j.undo = nil
}

// set puts a value into a map of the store.
func set[K comparable, V any](j *journal, m map[K]V, key K, value V) {
	remember(j, m, key)
	m[key] = value
}

// drop takes a value out of a map of the store.
func drop[K comparable, V any](j *journal, m map[K]V, key K) {
	remember(j, m, key)
	delete(m, key)
}

// attach adds an id to the list of a key. Lists are replaced, never changed, so that
// the old one can come back.
func attach(j *journal, lists map[int64][]int64, key, id int64) {
	set(j, lists, key, append(slices.Clone(lists[key]), id))
}

// detach takes an id out of the list of a key.
func detach(j *journal, lists map[int64][]int64, key, id int64) {
	left := slices.DeleteFunc(slices.Clone(lists[key]), func(one int64) bool { return one == id })
	if len(left) == 0 {
		drop(j, lists, key)
		return
	}
	set(j, lists, key, left)
}

func remember[K comparable, V any](j *journal, m map[K]V, key K) {
	old, had := m[key]
	j.undo = append(j.undo, func() {
		if had {
			m[key] = old
		} else {
			delete(m, key)
		}
	})
}
