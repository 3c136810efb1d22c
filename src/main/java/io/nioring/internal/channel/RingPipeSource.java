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

/** The end of a pipe that is read from. */
final class RingPipeSource extends Pipe.SourceChannel implements RingSelectable, StreamChannel {
  private final NetworkResources network;
  private final Endpoint endpoint;
  private final SocketResources resources;

  /** How the reader waits; made when it first does, under the read lock. */
  private BlockingOperation reading;

  RingPipeSource(NetworkResources network, Endpoint endpoint) {
    super(network.provider());
    this.network = network;
    this.endpoint = endpoint;
    this.resources = new SocketResources(this, network, endpoint);
    network.registry().add(resources);
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    return StreamReads.read(this, dst, 0);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    return StreamReads.readScattered(this, dsts, offset, length);
  }

  @Override
  public long read(ByteBuffer[] dsts) throws IOException {
    return read(dsts, 0, dsts.length);
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
    return endpoint.readiness(wanted) & (Readiness.IN | Readiness.HUP);
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0;
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
    if (reading == null) {
      reading = BlockingOperation.forInput(this, network.spinning());
    }
    return reading;
  }

  @Override
  public BlockingOperation writing() {
    throw new UnsupportedOperationException("a pipe's source does not write");
  }

  @Override
  public int peersHeadStart() {
    return endpoint.peersHeadStart();
  }

  @Override
  public boolean maySpin() {
    return network.spinning().maySpin();
  }

  /** A pipe is connected from the start. */
  @Override
  public void ensureConnected() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }
}
