package io.nioring.internal.network;

import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Makes the {@code java.net} sockets that the {@code socket()} methods of a network's channels
 * return.
 */
public interface Adaptors {
  /** The socket of a channel. */
  Socket of(SocketChannel channel);

  /** The server socket of a channel. */
  ServerSocket of(ServerSocketChannel channel);

  /** The datagram socket of a channel. */
  DatagramSocket of(DatagramChannel channel);
}
