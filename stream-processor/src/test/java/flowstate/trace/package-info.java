/**
 * Test support: TCP connections written as text, one line a segment, with what the tracker is to say on the line that
 * causes it (docs/trace-notation.md). Belongs here: the notation, the named scenarios, and how a run is compared with
 * its text. Does not belong here: anything about how a level (model, topology, pipeline) is driven; that is behind
 * {@link flowstate.trace.TraceTarget}.
 */
@NullMarked
package flowstate.trace;

import org.jspecify.annotations.NullMarked;
