package tokenwatch

import "container/heap"

// queue orders tokens by when they are due.
type queue []*token

func (q *queue) add(t *token)    { heap.Push(q, t) }
func (q *queue) remove(t *token) { heap.Remove(q, t.place) }
func (q *queue) moved(t *token)  { heap.Fix(q, t.place) }
func (q *queue) sort()           { heap.Init(q) }

// Len implements sort.Interface.
func (q queue) Len() int { return len(q) }

// Less implements sort.Interface.
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }

// Swap implements sort.Interface.
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	t := x.(*token) // add hands in nothing else
	t.place = len(*q)
	*q = append(*q, t)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return t
}
