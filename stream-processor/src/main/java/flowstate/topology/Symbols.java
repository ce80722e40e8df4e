package flowstate.topology;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;

/**
 * The model's symbols as those of the schema, which have the same names.
 *
 * @param <S> an enum of the model
 * @param <T> the schema's enum of the same meaning
 */
final class Symbols<S extends Enum<S>, T extends Enum<T>> {
    private final T[] byOrdinal;

    private Symbols(T[] byOrdinal) {
        this.byOrdinal = byOrdinal;
    }

    /**
     * A table from one to the other.
     *
     * @throws IllegalArgumentException if the schema lacks a symbol
     */
    static <S extends Enum<S>, T extends Enum<T>> Symbols<S, T> of(Class<S> ofModel, Class<T> ofSchema) {
        S[] from = ofModel.getEnumConstants();
        @SuppressWarnings("unchecked")
        T[] to = (T[]) Array.newInstance(ofSchema, from.length);
        for (S symbol : from) {
            to[symbol.ordinal()] = Enum.valueOf(ofSchema, symbol.name());
        }
        return new Symbols<>(to);
    }

    T of(S symbol) {
        return byOrdinal[symbol.ordinal()];
    }

    List<T> of(List<S> symbols) {
        List<T> all = new ArrayList<>(symbols.size());
        for (S symbol : symbols) {
            all.add(of(symbol));
        }
        return all;
    }
}
