/**
 * The model of a TCP connection as an observer on the wire sees it: facts about each end, the RFC 9293 state that
 * follows from them, and the differences as events and anomalies. Pure JDK, but for {@link flowstate.octets.Varint}: no Kafka, no Avro, no
 * logging, no clock.
 *
 * <p>The observer's stance: we are in the middle. What we saw may not have arrived, and what arrived we may not have
 * seen; segments come late, twice, from one side only. So facts only grow, and state is derived, never stepped.
 */
@NullMarked
package flowstate.tcp;

import org.jspecify.annotations.NullMarked;
