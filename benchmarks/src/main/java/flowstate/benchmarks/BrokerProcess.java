package flowstate.benchmarks;

import flowstate.standalone.EmbeddedBroker;
import flowstate.standalone.StandaloneException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A program: standalone's broker in a process of its own, until its standard input ends. Argument: a folder for its files.
 * Prints where it listens, once it does.
 */
final class BrokerProcess {
    private BrokerProcess() {}

    public static void main(String[] args) throws StandaloneException, IOException {
        try (EmbeddedBroker broker =
                EmbeddedBroker.start(Path.of(args[0]), EmbeddedBroker.FREE_PORT, EmbeddedBroker.DEFAULT_START_LIMIT)) {
            System.out.println("listens on " + broker.bootstrapServers());
            while (System.in.read() >= 0) {
                // nothing is said to it: it waits for the end of who started it
            }
        }
    }
}
