/**
 * The HTTP interface of an instance: which instance to ask for a connection, and what is known as JSON. What TCP means
 * and how state is kept is not its matter; of Kafka Streams only {@link flowstate.query.StreamsInstances} knows.
 */
@NullMarked
package flowstate.query;

import org.jspecify.annotations.NullMarked;
