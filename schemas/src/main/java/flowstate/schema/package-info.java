/**
 * What the parts promise each other: the records on the topics (from the Avro schemas), the connection
 * key and its canonical order, Community ID, serdes and topic definitions. No behaviour of TCP belongs here.
 */
@NullMarked
package flowstate.schema;

import org.jspecify.annotations.NullMarked;
