package flowstate.topology;

import java.lang.reflect.Array;

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

    /** Where the schema has the symbol in its list: how Avro writes it. */
    int index(S symbol) {
        return byOrdinal[symbol.ordinal()].ordinal();
    }
}
