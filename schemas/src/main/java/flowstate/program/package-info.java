/**
 * What the programs have in common: where options come from, the options for Kafka, how wrong usage is explained, and
 * the wait for brokers and topics at the start. Nothing about packets or connections belongs here.
 */
@NullMarked
package flowstate.program;

import org.jspecify.annotations.NullMarked;
