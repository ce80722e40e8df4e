package flowstate.standalone;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What is to be closed at the end, the last opened first, all within a limit: a client whose broker is gone may wait for
 * it long after nobody else does. What is not closed by then is left to the JVM's end.
 */
final class Closing implements AutoCloseable {
    private final Duration limit;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    Closing(Duration limit) {
        this.limit = limit;
    }

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() {
        CountDownLatch done = new CountDownLatch(1);
        Thread closer = new Thread(
                () -> {
                    try {
                        open.forEach(Closing::closeQuietly);
                    } finally {
                        done.countDown();
                    }
                },
                "flowstate-close");
        closer.setDaemon(true);
        closer.start();
        boolean interrupted = Thread.interrupted();
        try {
            done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // the result is out already, or a better reason for failing
        }
    }
}
