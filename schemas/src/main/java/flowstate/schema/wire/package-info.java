/**
 * Segments as they are written: generated from the schema, for whoever reads the topic with Avro. The program itself uses
 * the schema only, and {@link flowstate.schema.SegmentBatchSerde} in place of these classes.
 */
package flowstate.schema.wire;
