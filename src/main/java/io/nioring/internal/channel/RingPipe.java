package io.nioring.internal.channel;

import io.nioring.internal.core.Binder;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.stream.Endpoint;
import java.nio.channels.Pipe;

/** A pipe: a connected pair of which one direction is used. */
public final class RingPipe extends Pipe {
  private final RingPipeSource source;
  private final RingPipeSink sink;

  private RingPipe(NetworkResources network) {
    Endpoint readEnd = new Endpoint();
    Endpoint writeEnd = new Endpoint();
    network.wire().connect(readEnd, Binder.UNNAMED, writeEnd, Binder.UNNAMED);
    source = new RingPipeSource(network, readEnd);
    sink = new RingPipeSink(network, writeEnd);
  }

  /** Opens a pipe; it takes no memory before its first byte. */
  public static Pipe open(NetworkResources network) {
    return new RingPipe(network);
  }

  @Override
  public SourceChannel source() {
    return source;
  }

  @Override
  public SinkChannel sink() {
    return sink;
  }
}
