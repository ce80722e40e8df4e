package flowstate.standalone;

import java.io.Writer;

/** How events are written. */
public enum OutputFormat {
    /** One line an event, aligned, for people. */
    TEXT {
        @Override
        public EventPrinter printer(Writer out) {
            return new TextEventPrinter(out);
        }
    },
    /** One object a line, for programs. */
    JSON {
        @Override
        public EventPrinter printer(Writer out) {
            return new JsonEventPrinter(out);
        }
    };

    /** A printer that writes to {@code out}, which it flushes but does not close. */
    public abstract EventPrinter printer(Writer out);
}
