/**
 * The capture agent as a program: its options, and the wiring of source, decoder and publisher. What it does lives in
 * the packages below.
 */
@NullMarked
package flowstate.capture;

import org.jspecify.annotations.NullMarked;
