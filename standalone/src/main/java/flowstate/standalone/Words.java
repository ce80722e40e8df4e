package flowstate.standalone;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.regex.Pattern;

/** How exceptions and numbers are said to a person. */
final class Words {
    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*[\\r\\n]+\\s*");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}", Pattern.UNICODE_CHARACTER_CLASS);

    private Words() {}

    /** The innermost cause that says something, on one line. */
    static String reason(Throwable e) {
        String said = named(e);
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                said = named(cause);
            }
        }
        return oneLine(said);
    }

    private static String named(Throwable e) {
        // the messages of these are a path only
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
            return "not a folder";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /** The text with its line breaks turned into spaces. */
    static String oneLine(String text) {
        // nearly all are
        boolean isOne = text.indexOf('\n') < 0 && text.indexOf('\r') < 0;
        return isOne ? text.strip() : LINE_BREAKS.matcher(text.strip()).replaceAll(" ");
    }

    /** The text with control characters, which could command a terminal, turned into question marks. */
    static String printable(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }
}
