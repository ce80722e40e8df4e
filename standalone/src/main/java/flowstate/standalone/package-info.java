/**
 * Everything in one JVM for one person: the embedded Kafka broker, the {@code flowstate} command line, and how events
 * are printed. What belongs here reads options, wires the agent and the processor together, and talks to the user; what
 * TCP did is decided elsewhere.
 */
@NullMarked
package flowstate.standalone;

import org.jspecify.annotations.NullMarked;
