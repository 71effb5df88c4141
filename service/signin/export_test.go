package signin

// Occupy takes all the room for hashing, until release.
func Occupy(s *Service) (release func()) {
	for range cap(s.workers.room) {
		s.workers.room <- struct{}{}
	}
	return func() {
		for range cap(s.workers.room) {
			<-s.workers.room
		}
	}
}
