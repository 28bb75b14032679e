"""What pipeline authors import. Standard library only: the surface of kfp.dsl."""
