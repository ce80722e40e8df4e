/**
 * The Kafka Streams topology around the model: one processor with its stores, timers that agents' progress moves, and
 * the records that go out. Thin: what TCP means is decided in {@link flowstate.tcp}.
 */
@NullMarked
package flowstate.topology;

import org.jspecify.annotations.NullMarked;
