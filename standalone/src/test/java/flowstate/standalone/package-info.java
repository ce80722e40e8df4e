@NullMarked
package flowstate.standalone;

import org.jspecify.annotations.NullMarked;
