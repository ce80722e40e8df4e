/** The hot path's steps one by one, under JMH. Each measures one segment, batch, key or event. */
@NullMarked
package flowstate.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
