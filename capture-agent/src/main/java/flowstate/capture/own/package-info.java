/** Which traffic on this host is the agents' own, so that no agent publishes how it publishes. */
@NullMarked
package flowstate.capture.own;

import org.jspecify.annotations.NullMarked;
