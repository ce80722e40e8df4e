/**
 * From segments to Kafka: batches per connection, sequence numbers and progress per partition, delivery that is checked,
 * and an account of every packet. Nothing here knows capture formats or protocol headers.
 */
@NullMarked
package flowstate.capture.publish;

import org.jspecify.annotations.NullMarked;
