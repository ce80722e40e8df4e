/**
 * Measurements of the whole pipeline, checked against the truth of generated traffic in the same run: a fast run that is
 * wrong counts for nothing.
 */
@NullMarked
package flowstate.benchmarks;

import org.jspecify.annotations.NullMarked;
