package flowstate.query;

import java.util.List;

/**
 * One instance of the processor, as its group knows it.
 *
 * @param address where its HTTP interface is reached
 * @param active partitions of flowstate.segments that it works on, ascending
 * @param standby partitions of which it keeps a copy, ascending
 */
public record Instance(HostPort address, List<Integer> active, List<Integer> standby) {}
