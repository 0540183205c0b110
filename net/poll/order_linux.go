package poll

// little is the part of what is written to a socket on average below which it is little.
const little = 0.5

// order puts the sockets of a batch to which little was written lately behind the others, and returns how many those are. Who is
// shown a crowd is so read before those who are not: these are read right before the tick, and not before a crowd is, so that
// what they have sent until then is not a tick late. For the crowd it is about as long as it would be in any order.
func (p *Poller) order() (before int) {
	sum := 0.0
	for _, s := range p.batch {
		sum += float64(s.sent.Load())
	}
	limit := little * sum / float64(len(p.batch))
	first := p.batch[:0]
	for _, s := range p.batch {
		if float64(s.sent.Load()) < limit {
			p.last = append(p.last, s)
		} else {
			first = append(first, s)
		}
	}
	p.batch = append(first, p.last...)
	clear(p.last)
	p.last = p.last[:0]
	return len(first)
}
