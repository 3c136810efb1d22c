package io.nioring.internal.channel;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.Objects;

/** The end of a pipe that is written to. */
final class RingPipeSink extends Pipe.SinkChannel implements RingSelectable, StreamChannel {
  private final NetworkResources network;
  private final Endpoint endpoint;
  private final SocketResources resources;

  /** How the writer waits; made when it first does, under the write lock. */
  private BlockingOperation writing;

  RingPipeSink(NetworkResources network, Endpoint endpoint) {
    super(network.provider());
    this.network = network;
    this.endpoint = endpoint;
    this.resources = new SocketResources(this, network, endpoint);
    network.registry().add(resources);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    return StreamWrites.write(this, src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    return StreamWrites.writeGathered(this, srcs, offset, length);
  }

  @Override
  public long write(ByteBuffer[] srcs) throws IOException {
    return write(srcs, 0, srcs.length);
  }

  @Override
  protected void implCloseSelectableChannel() {
    resources.free(false);
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag; a ring has nothing to switch.
  }

  @Override
  public PollSet poll() {
    return endpoint.poll();
  }

  @Override
  public int readiness(int wanted) {
    int readiness = endpoint.readiness(wanted);
    int error = (readiness & Readiness.HUP) != 0 ? Readiness.ERR : 0; // as pipe(7): no reader left
    return (readiness & Readiness.OUT) | error;
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void beginBlocking() {
    begin();
  }

  @Override
  public void endBlocking(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public BlockingOperation reading() {
    throw new UnsupportedOperationException("a pipe's sink does not read");
  }

  @Override
  public BlockingOperation writing() {
    if (writing == null) {
      writing = BlockingOperation.forOutput(this, network.spinning());
    }
    return writing;
  }

  @Override
  public boolean maySpin() {
    throw new UnsupportedOperationException("a pipe's sink does not read");
  }

  /** A pipe is connected from the start. */
  @Override
  public void ensureConnected() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }
}
