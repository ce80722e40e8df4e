package flowstate.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;

/**
 * How RocksDB keeps what is stored, where it differs from the settings of Kafka Streams: compressed, for connections of one
 * capture have much in common.
 */
public final class StoreSettings implements RocksDBConfigSetter {
    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        // what is young is soon written anew
        options.setBottommostCompressionType(CompressionType.LZ4_COMPRESSION);
    }

    @Override
    public void close(String storeName, Options options) {
        // made nothing that would have to be closed
    }
}
