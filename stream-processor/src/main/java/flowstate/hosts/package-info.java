/**
 * The model of a host as others see it: whether it is flooded with attempts to connect, or scans. What comes in are single
 * attempts, in any order of time; what is kept of a host is bounded. Pure JDK: no Kafka, no Avro, no logging, no clock.
 */
@NullMarked
package flowstate.hosts;

import org.jspecify.annotations.NullMarked;
