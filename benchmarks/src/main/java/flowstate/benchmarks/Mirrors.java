package flowstate.benchmarks;

import picocli.CommandLine.Option;

/** Further places at which packets arrive than the one to which they are sent. */
final class Mirrors {
    @Option(
            names = "--mirrors",
            defaultValue = "0",
            description =
                    "Further interfaces to which the kernel copies each packet, all captured: more packets than can"
                            + " be sent (default: ${DEFAULT-VALUE}).")
    int count;
}
