package flowstate.standalone;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketSource;
import java.nio.file.Path;
import java.util.Map;

/** The real parts, whose accounts are kept by capture. */
record KeptAccounts(ReplayParts parts, Map<String, FileAccount> accounts) implements ReplayParts {
    @Override
    public PacketSource open(Path file) throws CaptureException {
        return parts.open(file);
    }

    @Override
    public FilePublisher publisher(String bootstrapServers) throws StandaloneException, InterruptedException {
        FilePublisher publisher = parts.publisher(bootstrapServers);
        return new FilePublisher() {
            @Override
            public FileAccount publish(String capture, PacketSource source)
                    throws StandaloneException, InterruptedException {
                FileAccount account = publisher.publish(capture, source);
                accounts.put(capture, account);
                return account;
            }

            @Override
            public long packetsRead() {
                return publisher.packetsRead();
            }

            @Override
            public void close() {
                publisher.close();
            }
        };
    }

    @Override
    public SegmentProcessor processor(String bootstrapServers, Path stateFolder) throws StandaloneException {
        return parts.processor(bootstrapServers, stateFolder);
    }

    @Override
    public void close() {
        parts.close();
    }
}
