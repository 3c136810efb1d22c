package io.nioring.internal.adaptor;

import io.nioring.internal.channel.RingDatagramChannel;
import io.nioring.internal.channel.RingServerSocketChannel;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.network.Adaptors;
import io.nioring.internal.time.Clock;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Makes the adaptors of ring channels; none of their classes is loaded before one is wanted.
 *
 * @param clock the network's
 */
public record ChannelAdaptors(Clock clock) implements Adaptors {
  @Override
  public Socket of(SocketChannel channel) {
    return SocketAdaptor.of((RingSocketChannel) channel, clock);
  }

  @Override
  public ServerSocket of(ServerSocketChannel channel) {
    return ServerSocketAdaptor.of((RingServerSocketChannel) channel, clock);
  }

  @Override
  public DatagramSocket of(DatagramChannel channel) {
    return DatagramSocketAdaptor.of((RingDatagramChannel) channel, clock);
  }
}
