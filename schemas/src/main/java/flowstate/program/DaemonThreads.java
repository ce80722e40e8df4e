package flowstate.program;

import java.util.concurrent.ThreadFactory;

/** Threads for whom the program does not wait at its end: they may hang in what others never answer. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /** Makes threads of this name. */
    public static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Begins work in a thread of this name. */
    public static Thread start(String name, Runnable work) {
        Thread thread = named(name).newThread(work);
        thread.start();
        return thread;
    }
}
