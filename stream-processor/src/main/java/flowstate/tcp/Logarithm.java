package flowstate.tcp;

/** Repetitions are told at 1, 10, 100 and so on: enough to see how often, never a flood. */
final class Logarithm {
    private Logarithm() {}

    static boolean isMark(long count) {
        long mark = count;
        while (mark >= 10 && mark % 10 == 0) {
            mark /= 10;
        }
        return mark == 1;
    }
}
