package pieces

// Size is how much is read at once. With 256 KiB the same work took a fifth longer on one core (1 MiB of cache), with 32 KiB a tenth.
const Size = 128 << 10

// Room is what a piece has before its first byte, for what was left over of the one before.
const Room = 8 << 10

// Piece is a part of a file: Bytes()[From:To]. Before From is room.
type Piece struct {
	b        []byte
	From, To int
	Last     bool // nothing follows
	err      error
	panicked any
}

// Bytes returns all that the piece has room for.
func (p *Piece) Bytes() []byte { return p.b }

// most is how much a spare piece may have grown.
const most = 4 * Size

// spare are some pieces to be used again. They stay when garbage is collected, unlike those of a sync.Pool: to make one anew takes
// as long as to read a small file.
var spare = make(chan *Piece, 16)

// Fresh returns a piece with nothing in it.
func Fresh() *Piece {
	var p *Piece
	select {
	case p = <-spare:
	default:
		p = &Piece{b: make([]byte, Room+Size)}
	}
	*p = Piece{b: p.b[:Room+Size], From: Room, To: Room}
	return p
}

// Set makes b, which may be what came of appending to p.Bytes()[:0], all that is in p.
func (p *Piece) Set(b []byte) { p.b, p.From, p.To = b, 0, len(b) }

// Free gives p back. Its bytes are another's from then on.
func (p *Piece) Free() {
	if n := cap(p.b); n >= Room+Size && n <= most {
		select {
		case spare <- p:
		default:
		}
	}
}

// Follow puts left, what is left over of the piece before, before the bytes of p.
func (p *Piece) Follow(left []byte) {
	if len(left) <= p.From {
		p.From -= copy(p.b[p.From-len(left):], left)
		return
	}
	b := append(append(make([]byte, 0, len(left)+p.To-p.From), left...), p.b[p.From:p.To]...)
	p.Set(b)
}
