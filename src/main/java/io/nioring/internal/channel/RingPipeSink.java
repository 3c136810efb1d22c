package io.nioring.internal.channel;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.Objects;

/** The writable end of a pipe. */
final class RingPipeSink extends Pipe.SinkChannel implements RingSelectable, Facade {
  private final StreamSocket socket;

  RingPipeSink(NetworkResources network, Endpoint endpoint) {
    super(network.provider());
    this.socket = StreamSocket.connected(network, AddressFamily.UNIX, endpoint, this, null);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    return socket.write(this, src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    return socket.write(this, srcs, offset, length);
  }

  @Override
  public long write(ByteBuffer[] srcs) throws IOException {
    return write(srcs, 0, srcs.length);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    if (socket != null) { // otherwise the network is being closed, and closes the socket itself
      socket.close();
    }
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag; a ring has nothing to switch.
  }

  @Override
  public void beginWait() {
    begin();
  }

  @Override
  public void endWait(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public boolean canBeReset() {
    return false;
  }

  @Override
  public PollSet poll() {
    return socket.poll();
  }

  @Override
  public int readiness(int wanted) {
    int readiness = socket.endpoint().readiness(wanted);
    int error = (readiness & Readiness.HUP) != 0 ? Readiness.ERR : 0; // as pipe(7): no reader left
    return (readiness & Readiness.OUT) | error;
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0;
  }
}
