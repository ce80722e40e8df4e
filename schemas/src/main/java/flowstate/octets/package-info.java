/** How numbers become octets, for records and for what the processor stores. Pure JDK. */
@NullMarked
package flowstate.octets;

import org.jspecify.annotations.NullMarked;
