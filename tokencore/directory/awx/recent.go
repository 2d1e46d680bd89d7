package awx

import "container/list"

// recent is a map that forgets the oldest entry when it is full. Not safe for concurrent use.
type recent[K comparable, V any] struct {
	most  int
	byKey map[K]*list.Element // of entry[K, V]
	order *list.List          // the newest in front
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: most, byKey: map[K]*list.Element{}, order: list.New()}
}

func (r *recent[K, V]) get(key K) (value V, ok bool) {
	element, ok := r.byKey[key]
	if !ok {
		return value, false
	}
	return element.Value.(entry[K, V]).value, true
}

// put stores an entry as the newest.
func (r *recent[K, V]) put(key K, value V) {
	r.drop(key)
	r.byKey[key] = r.order.PushFront(entry[K, V]{key, value})
	if r.order.Len() > r.most {
		r.drop(r.order.Back().Value.(entry[K, V]).key)
	}
}

// set changes an entry that is there and leaves its age.
func (r *recent[K, V]) set(key K, value V) {
	if element, ok := r.byKey[key]; ok {
		element.Value = entry[K, V]{key, value}
	}
}

func (r *recent[K, V]) drop(key K) {
	if element, ok := r.byKey[key]; ok {
		r.order.Remove(element)
		delete(r.byKey, key)
	}
}
