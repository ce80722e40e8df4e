/**
 * Generated TCP traffic whose truth is known: two small endpoints after RFC 9293 on a wire with a tap. What became of a
 * connection is read off the endpoints and the wire, never off the tracker, which tests compare with it. No judgement of
 * the tracker's belongs here.
 */
@NullMarked
package flowstate.traffic;

import org.jspecify.annotations.NullMarked;
